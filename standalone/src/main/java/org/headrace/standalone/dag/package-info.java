/** {@code headrace dag}: what it reads and what it prints. */
@NullMarked
package org.headrace.standalone.dag;

import org.jspecify.annotations.NullMarked;
