# %% [markdown]
# # How many weights can go?
#
# **Try:** find the sparsity where accuracy breaks, then change the rule that chooses the weights. Nothing is trained
# again here; lesson 04 shows how much training wins back.

# %%
from tdl_course import dashboards

dashboards.pruning()
