"""Commands of the classroom: release, grade."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from tdl_course.cli.options import PROGRAM, AddCommand

LESSONS = Path(__file__).resolve().parent.parent.parent / "lessons"


def add_commands(command: AddCommand) -> None:
    sub = command("release", release, "write lessons as assignments: for nbgrader, and a zip without it")
    sub.add_argument("lesson", nargs="*", metavar="LESSON", help="02_quantization or 02 (default: all with exercises)")
    sub.add_argument("--out", type=Path, required=True, help="folder to write")
    sub.add_argument("--lessons", type=Path, default=LESSONS, help="folder of the lessons (default: the repository's)")
    sub.add_argument("--seed", type=int, default=0, help="of the hidden cases; keep it to yourself")

    sub = command("grade", grade, "grade a folder of submissions, each isolated: grades.csv, .json, feedback as HTML")
    sub.add_argument("folder", type=Path, metavar="FOLDER", help="STUDENT/.../NAME.ipynb, or STUDENT_LESSON.ipynb")
    sub.add_argument("--out", type=Path, help="folder to write (default: FOLDER-grades, beside it)")
    sub.add_argument("--lesson", help="02_quantization or 02 (default: the one that most notebooks are of)")
    sub.add_argument("--assignment", type=Path, help="assignment.toml (default: the one in FOLDER, if there is one)")
    sub.add_argument("--due", help="deadline, such as 2026-12-01T23:59+01:00 (default: the assignment's)")
    sub.add_argument("--seed", type=int, default=0, help="of the hidden cases; keep it to yourself")
    sub.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="submissions at a time (%(default)s)")
    sub.add_argument("--seconds", type=float, default=10.0, help="that one call may take (default: %(default)s)")
    text = "for students you trust: without bubblewrap, with your rights and your files; time and memory are limited"
    sub.add_argument("--no-isolation", action="store_true", help=text)


def release(options: argparse.Namespace) -> int:
    from tdl_course.classroom import release as releasing

    for path in releasing.release(options.lesson, options.lessons, options.out, options.seed):
        print(path)
    print(f"Next: hand out the zip, then {PROGRAM} grade FOLDER; or with nbgrader: see nbgrader_config.py")
    return 0


def grade(options: argparse.Namespace) -> int:
    from tdl_course.classroom import gradebook
    from tdl_course.classroom.assignment import FILE, Assignment, lesson_number, parse_time, read_assignment
    from tdl_course.classroom.marking import Grader
    from tdl_course.classroom.sandbox import Limits, require
    from tdl_course.classroom.submission import common_lesson, find_submissions

    if options.jobs < 1 or options.seconds <= 0:
        raise ValueError(f"--jobs {options.jobs} and --seconds {options.seconds:g} must be above 0")
    require(isolated=not options.no_isolation)
    file = options.assignment or options.folder / FILE
    if options.assignment or file.is_file():
        assignment = read_assignment(file)
        if options.lesson and lesson_number(options.lesson) != assignment.lesson:
            raise ValueError(f"--lesson {options.lesson} is not the lesson of {file}, {assignment.name}")
    else:
        assignment = Assignment(lesson_number(options.lesson or common_lesson(options.folder)))
    if options.due:
        assignment = replace(assignment, due=parse_time(options.due))
    submissions = find_submissions(options.folder, assignment.lesson)
    out = options.out or options.folder.resolve().with_name(f"{options.folder.resolve().name}-grades")
    grader = Grader(assignment, Limits(seconds=options.seconds), not options.no_isolation, options.seed)
    done = []
    for marks in grader.grade_all(submissions, options.jobs):
        gradebook.write_feedback(marks, assignment, out)
        print(f"{marks.student}: {marks.points:g} of {marks.out_of:g}  {' '.join(gradebook.remarks(marks))}".rstrip())
        done.append(marks)
    conditions = f"Seed {options.seed}; {'isolated' if grader.isolated else 'not isolated'}."
    for path in gradebook.write_gradebook(done, assignment, out, conditions):
        print(path)
    return 0
