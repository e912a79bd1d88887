"""classroom: assignments for nbgrader out of lessons, and grades out of a folder of submissions.

    release     lessons -> source and student notebooks with nbgrader's metadata, a zip for those without nbgrader
    assignment  assignment.toml -> Assignment: points, deadline, what late costs, budgets of a model
    submission  a folder -> one Submission a student: which file counts, and why others do not
    definitions cells -> the statements that a function needs (runs in the sandbox)
    worker      the sandboxed process: takes cells, calls functions, knows nothing of checks
    codec       values <-> bytes, without pickle
    sandbox     a process that can harm nobody: bubblewrap, limits, a watch
    session     a function in the sandbox that can be called from here
    fresh       hidden cases of an exercise, drawn with the instructor's seed
    measure     model.tflite -> accuracy, flash, RAM, cycles on the simulated device
    marking     Submission -> Marks: the verdicts are made here, in the process that the student cannot reach
    gradebook   Marks -> grades.csv, grades.json, a page for each student, a summary

A student's code runs in the sandbox only; the check, its reference and its cases stay with the instructor's process.
Nothing is imported here, so that the sandboxed process starts quickly.
"""
