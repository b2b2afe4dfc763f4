@NullMarked
package org.headrace.conformance.server;

import org.jspecify.annotations.NullMarked;
