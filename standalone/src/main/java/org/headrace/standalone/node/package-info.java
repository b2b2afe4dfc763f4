/** Starting and stopping all parts in order. */
@NullMarked
package org.headrace.standalone.node;

import org.jspecify.annotations.NullMarked;
