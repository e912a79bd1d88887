# %% [markdown]
# # Does it fit?
#
# **Try:** put the leaf network on the board with 32 KB of RAM. Then let the keyword network answer every 20 ms. Every
# combination was compiled, linked and run; nothing between them is guessed.

# %%
from tdl_course import dashboards

dashboards.fit()
