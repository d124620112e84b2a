"""The admin API: the desk over HTTP, for its operator. Starlette and uvicorn are named here and nowhere else."""
