/** The log broker inside the process: storage, listeners, topics. */
@NullMarked
package org.headrace.standalone.broker;

import org.jspecify.annotations.NullMarked;
