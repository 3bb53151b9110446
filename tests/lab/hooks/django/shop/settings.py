"""Django with its own policy, which the hooks keep up to date below."""

DEBUG = False
ALLOWED_HOSTS = ["testserver"]
SECRET_KEY = "secret"
INSTALLED_APPS = []
MIDDLEWARE = ["django.middleware.csp.ContentSecurityPolicyMiddleware"]
ROOT_URLCONF = "shop.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": ["templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.csp"]},
    }
]
