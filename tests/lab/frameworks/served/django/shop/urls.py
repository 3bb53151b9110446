"""Two pages, one of each engine."""

from django import forms
from django.shortcuts import render
from django.urls import path

from shop.widgets import Color


class ColorForm(forms.Form):
    color = forms.CharField(widget=Color())


def page(request, name):
    context = {"form": ColorForm(), "who": "you", "color": "green", "q": request.GET.get("q", "")}
    return render(request, name, context)


urlpatterns = [path("", page, {"name": "page.html"}), path("jinja", page, {"name": "jinja/page.html"})]
