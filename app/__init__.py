"""The service: HTTP routes and the command line. Only here: FastAPI, Typer, Folium."""
