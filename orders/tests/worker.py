from django_tasks_db.models import DBTaskResult


def run_tasks() -> int:
    """Do what the task worker would do now; returns how many tasks it found."""
    waiting = list(DBTaskResult.objects.ready())
    for row in waiting:
        result = row.task_result
        row.task.call(*result.args, **result.kwargs)
        row.set_successful(None)
    return len(waiting)
