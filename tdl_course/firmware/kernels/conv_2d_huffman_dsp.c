/* CONV_2D, int8, with weights as a Huffman code: see conv_2d_decoded.h and tdl_huffman.h. */
#include "tdl_huffman.h"
#include "tdl_kernels.h"

typedef tdl_conv_2d_huffman_params params;
typedef struct {
  tdl_huffman_code code;
  tdl_huffman_place at;
} decoder;

/* Two words for each group: 256 * w1 + w0 below 256 * w3 + w2. */
static inline void decode(decoder *from, int32_t groups, int32_t *weights) {
  const tdl_huffman_code code = from->code;
  tdl_huffman_place at = from->at;
  for (int32_t words = 2 * groups; words > 0; words--) {
    int32_t pairs[2];
    for (int32_t i = 0; i < 2; i++) {
      pairs[i] = tdl_next_symbol(&code, &at);
      pairs[i] += 256 * tdl_next_symbol(&code, &at);
    }
    *weights++ = (int32_t)(((uint32_t)pairs[0] & 0xFFFFu) | (uint32_t)pairs[1] << 16);
  }
  from->at = at;
}

#include "conv_2d_decoded.h"

void tdl_conv_2d_huffman_s8(const params *p, const int8_t *x, int8_t *y, void *scratch) {
  decoder from = {{p->symbols, p->last, p->offset, p->start}, {0, 0, p->stream}};
  conv_2d_decoded(p, &from, x, y, scratch);
}
