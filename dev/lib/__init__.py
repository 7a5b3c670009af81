"""What the commands under ``dev/`` are made of.

A command is a launcher of three lines::

    #!/usr/bin/env python3
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from lib.launch import launch

    launch("lib.demo")  # calls lib.demo.main(argv), an exit code comes back

``launch`` finds a fitting Python, fetches what is missing (Odoo, the Python packages,
the npm packages) and goes on in ``.dev/venv``, so ``main`` may import what
``dev/requirements.txt`` names. Standard library only: ``launch``, ``bootstrap`` and
what they import. A command then works with::

    from lib import console, databases, environment

    env = environment.setup()            # starts or finds PostgreSQL ("main" cluster)
    env = environment.setup("test")      # the second, fast and unsafe, cluster
    env.python, env.odoo_path, env.addons_path, env.data_dir, env.pg   # facts
    env.pg.host, .port, .user, .password # libpq parameters; env.pg.connect(database)
    env.process_environment(**extra)     # os.environ for a child: PYTHONPATH, PG*,
                                         # ODOO_RC, and the browser first on PATH
    env.odoo(*args, log=..., timeout=...)         # run an Odoo command to its end
    env.run_script(db, path, *args, log=...)      # a script with ``env`` (odoo shell)

    databases.ensure_template(env, modules, with_addon=True, demo=False)  # -> name
    databases.duplicate(env, source, target)      # with filestore, replaces target
    databases.drop(env, name); databases.exists(env, name)

    from lib import server
    with server.serve(env, db, port=None) as running:   # port None: a free one
        running.url, running.port, running.process
    server.free_port(preferred=8069)

    with console.progress("load the customers"): ...    # step name, elapsed time
    console.note("a line"); console.fail("one clear line that says what to do")

``console.fail`` ends the command with exit code 2, without a traceback.
"""
