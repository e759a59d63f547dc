"""The database itself refuses to change or erase what the audit log says, whoever asks and by whatever statement."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = {
    f"audit_keeps_{act.lower()}": f"""
        CREATE TRIGGER audit_keeps_{act.lower()} BEFORE {act} ON accounts_auditentry
        BEGIN SELECT RAISE(ABORT, 'The audit log is only added to.'); END
    """
    for act in ("UPDATE", "DELETE")
}
POSTGRESQL = """
    CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'The audit log is only added to.'; END
    $$;
    CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE ON accounts_auditentry
        FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
"""


def refuse(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for statement in SQLITE.values():
            editor.execute(statement)
    else:
        editor.execute(POSTGRESQL, params=None)


def allow(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for name in SQLITE:
            editor.execute(f"DROP TRIGGER {name}")
    else:
        editor.execute("DROP TRIGGER audit_is_only_added_to ON accounts_auditentry")
        editor.execute("DROP FUNCTION audit_is_only_added_to()")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audit_log")]
    operations = [migrations.RunPython(refuse, allow)]
