"""Two pages, one of each engine."""

import django
from django import forms
from django.shortcuts import render
from django.urls import path

from shop.widgets import Color


class ColorForm(forms.Form):
    color = forms.CharField(widget=Color())


def page(request, name):
    context = {"form": ColorForm(), "who": "you", "color": "green", "q": request.GET.get("q", "")}
    # Tags of Django 6.
    context["has_partials"] = django.VERSION >= (6,)
    return render(request, name, context)


urlpatterns = [path("", page, {"name": "page.html"}), path("jinja", page, {"name": "jinja/page.html"})]
