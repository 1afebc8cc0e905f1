"""The example township: real names and codes on ground of our own making.

``ground`` draws the land and cuts it into cells, once: its files are kept beside this folder.
``life`` reads those files and adds people, patrols and reports up to any given day.
Everything is drawn from a seed, so the same call gives the same bytes.
"""
