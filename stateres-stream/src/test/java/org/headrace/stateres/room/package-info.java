@NullMarked
package org.headrace.stateres.room;

import org.jspecify.annotations.NullMarked;
