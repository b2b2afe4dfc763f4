@NullMarked
package org.headrace.conformance.client;

import org.jspecify.annotations.NullMarked;
