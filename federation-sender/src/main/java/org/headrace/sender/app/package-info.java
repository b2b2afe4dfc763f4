/** The topology and its engine, started and stopped as one. */
@NullMarked
package org.headrace.sender.app;

import org.jspecify.annotations.NullMarked;
