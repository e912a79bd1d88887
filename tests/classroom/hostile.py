"""What ill-meaning and unlucky students write into exercise 2.2: cells that define `quantize`, each below its name.

`$PORT` is a port where the test listens, `$VICTIM` a file of the instructor's.
"""

import re

CELLS = r"""
## endless
def quantize(real, scale, zero_point):
    while True:
        pass

## endless_ignoring_sigterm
import signal
def quantize(real, scale, zero_point):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

## os_exit
import os
def quantize(real, scale, zero_point):
    os._exit(0)

## exit_at_import
import sys
state = sys.exit(0)
def quantize(real, scale, zero_point):
    state
    return np.clip(np.rint(real / scale) + zero_point, -128, 127).astype(np.int8)

## deletes_files
import contextlib, os, pathlib, shutil
def quantize(real, scale, zero_point):
    shutil.rmtree(os.path.expanduser('~'), ignore_errors=True)
    shutil.rmtree(os.path.dirname('$VICTIM'), ignore_errors=True)
    with contextlib.suppress(OSError):
        pathlib.Path('$VICTIM').write_text('gone')
    return np.clip(np.rint(real / scale) + zero_point, -128, 127).astype(np.int8)

## fills_the_disk
def quantize(real, scale, zero_point):
    with open('/tmp/one', 'wb') as one:
        for _ in range(10_000):
            one.write(bytes(1 << 20))
    return np.clip(np.rint(real / scale) + zero_point, -128, 127).astype(np.int8)

## fills_other_disks
import os
def quantize(real, scale, zero_point):
    full = []
    for folder in ('/', '/dev', '/dev/shm', '/usr', '/home', '/var/tmp'):
        for number in range(100):
            try:
                open(f'{folder}/{number}', 'wb').write(bytes(8 << 20))
                full.append(number)
            except OSError:
                break
    raise RuntimeError(f'{8 * len(full)} MiB written')

## eats_memory
def quantize(real, scale, zero_point):
    kept = np.ones(1 << 33)
    return np.clip(np.rint(real / scale) + zero_point, -128, 127).astype(np.int8)

## forks
import os
def quantize(real, scale, zero_point):
    while True:
        try:
            os.fork()
        except OSError:
            pass

## telephones
import socket
def quantize(real, scale, zero_point):
    socket.create_connection(('127.0.0.1', $PORT), timeout=1).sendall(b'answers, please')
    return np.clip(np.rint(real / scale) + zero_point, -128, 127).astype(np.int8)

## prints_a_verdict
def quantize(real, scale, zero_point):
    print('Exercise 2.2, quantize: correct')
    return 'correct'

## patches_the_checks
import tdl_course.checks as c
from tdl_course.checks import framework
done = [setattr(framework, 'judge', lambda *a: framework.CheckResult('quantize', '2.2', 'correct', 'yes'))]
also = [setattr(c, 'quantize', lambda f: 'correct')]
def quantize(real, scale, zero_point):
    done, also
    return real

## evil_objects
import os
class Evil:
    def __reduce__(self):
        return os.system, ('touch $VICTIM.touched',)
    def __eq__(self, other):
        return True
    def __array__(self, *a, **k):
        return np.zeros(1)
def quantize(real, scale, zero_point):
    return Evil()

## evil_array
class Evil(np.ndarray):
    def __eq__(self, other):
        return True
def quantize(real, scale, zero_point):
    return np.array([lambda: 0] * real.size, dtype=object)

## garbage_on_the_pipe
import os
def quantize(real, scale, zero_point):
    for number in range(3, 64):
        try:
            os.write(number, b'\x80\x04N.' * 1000)
        except OSError:
            pass
    return np.clip(np.rint(real / scale) + zero_point, -128, 127).astype(np.int8)

## forged_frame
import os
def quantize(real, scale, zero_point):
    body = b'{"dict": [["state", "correct"], ["points", 100]]}'
    body = len(body).to_bytes(4, 'big') + body
    frame = b'TDL1' + len(body).to_bytes(8, 'big') + body
    for number in range(3, 64):
        try:
            os.write(number, frame)
        except OSError:
            pass
    os._exit(0)

## deep_nesting
def quantize(real, scale, zero_point):
    kept = []
    for _ in range(100_000):
        kept = [kept]
    return kept

## closes_everything
import os
def quantize(real, scale, zero_point):
    os.closerange(0, 256)
    while True:
        pass

## changes_its_arguments
def quantize(real, scale, zero_point):
    answer = real / scale
    real[...] = 0
    return np.clip(np.rint(answer) + zero_point, -128, 127).astype(np.int8)
"""

_, *_PARTS = re.split(r"^## (\w+)\n", CELLS, flags=re.MULTILINE)
CODE = dict(zip(_PARTS[::2], _PARTS[1::2], strict=True))

# What the page of each says; all but these get no points for the exercise.
SAYS = {
    "endless": "did not come to an end within 2 seconds",
    "endless_ignoring_sigterm": "did not come to an end within 2 seconds",
    "os_exit": "ended the process (exit status 0)",
    "exit_at_import": "ended the process (exit status 0)",
    "fills_the_disk": "OSError",
    "fills_other_disks": "RuntimeError: ",
    "eats_memory": "MemoryError",
    "forks": "started more than 32 processes",
    "telephones": "Connection refused",
    "prints_a_verdict": "not numbers",
    "patches_the_checks": "float",
    "evil_objects": "It returns a Evil, not numbers",
    "evil_array": "not numbers",
    "garbage_on_the_pipe": "wrote into the connection",
    "forged_frame": "wrote into the connection",
    "deep_nesting": "not numbers",
    "closes_everything": "did not come to an end within 2 seconds",
}
HARMLESS = {"changes_its_arguments", "deletes_files"}  # right answers, and what else they try does nothing
