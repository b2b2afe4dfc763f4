/**
 * Views in Cassandra 5, for deployments of several processes (design D10): each table is made for
 * its reads, and writes carry positions as timestamps. The driver's types stay in here.
 */
@NullMarked
package org.headrace.projections.cassandra;

import org.jspecify.annotations.NullMarked;
