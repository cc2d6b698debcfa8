"""All checks of the project. Nothing here is part of the product."""
