/** The system in one thread under a seed: a fake log, topologies that crash, readers, traffic. */
@NullMarked
package org.headrace.simulation.world;

import org.jspecify.annotations.NullMarked;
