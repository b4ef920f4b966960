"""Spatial layers as versioned data in PostGIS: catalogue, tables, loading, the window query and file reading."""
