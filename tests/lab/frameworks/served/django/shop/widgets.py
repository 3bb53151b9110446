"""A widget with a template and a script of its own."""

from django import forms


class Color(forms.TextInput):
    template_name = "color.html"

    class Media:
        js = ["media.js"]
