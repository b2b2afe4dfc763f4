/** An open-loop load generator for any Matrix homeserver: arrivals, clients, latencies. */
@NullMarked
package org.headrace.benchmarks.load;

import org.jspecify.annotations.NullMarked;
