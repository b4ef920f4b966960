"""The HTTP routes, one module for each resource; what they answer is decided in `app.service`."""
