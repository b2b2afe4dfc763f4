/** A real Cassandra node as a child process. */
@NullMarked
package org.headrace.cassandra;

import org.jspecify.annotations.NullMarked;
