"""Building an edition on Apache Spark: the functions of the local build over partitions, and the same release.

Records are put in the order of their keys once (`merging`), in partitions that begin where a member of the dumps
begins, so what a partition writes is a piece of the dumps as it stands. What a batch of records must know of others is
asked for and answered in two shuffles (`knowledge`): held works that it cites, and the shared things that it points at.
Each stage writes its parts to the edition's folder, which driver and executors share, under a name that appears at one
stroke: a task that fails is run again, and its second run writes the same part.
"""
