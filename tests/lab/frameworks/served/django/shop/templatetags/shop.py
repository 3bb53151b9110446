"""Inclusion tags, one of which gives the nonce on."""

from django import template

register = template.Library()


@register.inclusion_tag("menu.html", takes_context=True)
def menu(context):
    return {"who": context["who"]}


@register.inclusion_tag("nonced_menu.html", takes_context=True)
def nonced_menu(context):
    return {"who": context["who"], "csp_nonce": context.get("csp_nonce"), "request": context["request"]}
