# %% [markdown]
# # Say a word
#
# **Try:** record yes, no, stop or go, or use a clip. Then lower the threshold until the chip hears what nobody said.

# %%
from tdl_course import dashboards

dashboards.spotting()
