"""The map page: Folium emits it, the browser parts are pinned and served from here, and nothing comes from another host."""
