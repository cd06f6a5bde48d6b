"""Where input comes from: files, folders, archives, standard input and URLs, all as one stream of files.

`rtcode.sources.expand` is the entry point; it knows nothing about DICOM.
"""
