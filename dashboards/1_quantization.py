# %% [markdown]
# # How many bits does a weight need?
#
# **Try:** 3 bits, first with one scale for the whole layer, then with one per channel. Then 4 bits, range × 0.6.

# %%
from tdl_course import dashboards

dashboards.quantization()
