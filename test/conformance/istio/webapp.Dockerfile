# webapp.py in a container: Python 3 with the last py_zipkin that speaks v1 thrift by itself.
FROM python:3.11-slim-bookworm
RUN pip install --no-cache-dir --disable-pip-version-check flask==3.1.3 py_zipkin==0.20.2 requests
COPY webapp.py /webapp.py
CMD ["python", "/webapp.py"]
