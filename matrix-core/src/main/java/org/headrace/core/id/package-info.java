/** Matrix identifiers as value types (spec appendices, "Identifier Grammar"). */
@NullMarked
package org.headrace.core.id;

import org.jspecify.annotations.NullMarked;
