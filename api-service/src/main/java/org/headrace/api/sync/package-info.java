/** /sync: one provider per kind of data, each reading the window between two tokens. */
@NullMarked
package org.headrace.api.sync;

import org.jspecify.annotations.NullMarked;
