"""Fixtures between Django and us: it loads what we dump, and we load what it dumps.

test_django.py PROGRAM"""

import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import django
    from django.conf import settings
except ImportError:
    print("skipped: Django isn't installed (Debian: python3-django)")
    sys.exit(77)

PROGRAM = sys.argv[1]


def ours(url, *words):
    ran = subprocess.run([PROGRAM, *words], env=dict(os.environ, DATABASE_URL=url),
                         capture_output=True, text=True)
    assert ran.returncode == 0, f"{words}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


with tempfile.TemporaryDirectory() as folder:
    theirs, fresh = folder + "/theirs.db", folder + "/fresh.db"
    settings.configure(
        INSTALLED_APPS=[], USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": theirs},
                   "fresh": {"ENGINE": "django.db.backends.sqlite3", "NAME": fresh}})
    django.setup()
    from django.apps import AppConfig, apps
    from django.core.management import call_command
    from django.db import connections, models

    # An application without files of its own.
    class Shop(AppConfig):
        name = label = "shop"
        path = folder
    module = type(sys)("shop")
    sys.modules["shop"] = module
    config = Shop("shop", module)
    config.apps = apps
    config.models = apps.all_models["shop"]
    apps.app_configs["shop"] = config
    apps.clear_cache()

    class Author(models.Model):
        name = models.CharField(max_length=100)
        is_active = models.BooleanField(default=True)
        born = models.DateField(null=True)

        class Meta:
            app_label = "shop"

    class Book(models.Model):
        author = models.ForeignKey(Author, on_delete=models.CASCADE)
        title = models.TextField()
        price = models.DecimalField(max_digits=8, decimal_places=2)

        class Meta:
            app_label = "shop"

    config.models_module = module
    for alias in ("default", "fresh"):
        with connections[alias].schema_editor() as editor:
            editor.create_model(Author)
            editor.create_model(Book)

    ada = Author.objects.create(name='Ada "A", Größe', born="1815-12-10")
    Author.objects.create(name="Ben", is_active=False)
    for number in range(20):
        Book.objects.create(author=ada, title=f"Book {number}\nline", price=f"{number}.50")

    def dump(alias):
        text = io.StringIO()
        call_command("dumpdata", "shop", database=alias, stdout=text)
        return json.loads(text.getvalue())

    wanted = dump("default")
    assert len(wanted) == 22

    # From Django to us: the books come before their authors.
    fixture = pathlib.Path(folder, "shop.json")
    fixture.write_text(json.dumps(list(reversed(wanted))))
    said = ours("sqlite:" + fresh, "db:load", str(fixture))
    assert "shop_author: 2 inserted, 0 updated, 0 same" in said, said
    assert "shop_book: 20 inserted, 0 updated, 0 same" in said, said
    assert dump("fresh") == wanted, dump("fresh")
    said = ours("sqlite:" + fresh, "db:load", str(fixture))
    assert "shop_book: 0 inserted, 0 updated, 20 same" in said, said

    # From us to Django.
    dumped = pathlib.Path(folder, "dumped.json")
    ours("sqlite:" + theirs, "db:dump", "--format", "django", "--output", str(dumped),
         "shop_book", "shop_author")
    assert json.loads(dumped.read_text())[0]["model"] == "shop.author"
    Author.objects.using("fresh").all().delete()
    call_command("loaddata", str(dumped), database="fresh", verbosity=0)
    assert dump("fresh") == wanted, dump("fresh")
print("Django and we agree")
