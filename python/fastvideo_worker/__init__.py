"""FastVideo behind the worker protocol of `fastvideo serve` (docs/worker-protocol.md).

Started as ``python -m fastvideo_worker`` by the server, never by hand: it speaks binary messages on stdin and stdout.

==================  =====================================================================
``__main__``        start: takes the standard streams, then runs the worker
``worker``          the life of the process: who reads, who works, who ends it
``connection``      messages on two file descriptors; ``framing`` is the format of one
``run``             one run as the server sees it: credit, cancel, abandon, its end
``adapter``         FastVideo itself: loading, generating
``limits``          what the model takes; requests that are refused before it sees them
``pictures``        picture files from outside, written anew
``guard``           inside FastVideo's own process: errors, steps, stops
``link``            the worker's end of it
``generation``      the request that FastVideo gets
``delivery``        what came back, as frames and sound in time
``ltx2``            how an LTX-2 segment continues the one before it, and what is cut
``ltx2_state``      its state, checked
``frames, sound``   any picture and any sound as the protocol wants them
``png``             the frames of a state
``state_blobs``     large members of a continuation state
``failures``        exceptions as one line, a code and a verdict
``stdio``           who owns stdin, stdout and stderr
``process``         never an orphan
==================  =====================================================================
"""
