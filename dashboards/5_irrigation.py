# %% [markdown]
# # A summer of water, a year of battery
#
# **Try:** the driest limit whose thirst is not above the timer's. Then make the node last a year at the worst.

# %%
from tdl_course import dashboards

dashboards.irrigation()
