/** Work that topologies ask of workers with a network (design D7). */
@NullMarked
package org.headrace.schema.effect;

import org.jspecify.annotations.NullMarked;
