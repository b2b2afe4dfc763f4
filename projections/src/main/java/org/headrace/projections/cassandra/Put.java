package org.headrace.projections.cassandra;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How a row, or some cells of it, are put.
 *
 * @param partitionKeys how many of the columns, from the first on, are the partition's key
 * @param keys how many are the row's key
 */
record Put(String table, int partitionKeys, int keys, List<String> columns) {
  Put(String table, int partitionKeys, int keys, String... columns) {
    this(table, partitionKeys, keys, Arrays.asList(columns));
  }

  /** Values in the order of the columns, then the timestamp. */
  String insert() {
    return "INSERT INTO "
        + table
        + " ("
        + String.join(", ", columns)
        + ") VALUES ("
        + String.join(", ", Collections.nCopies(columns.size(), "?"))
        + ") USING TIMESTAMP ?";
  }

  /** The timestamp, then the row's key: deletes the row. */
  String delete() {
    return deletion("");
  }

  /** The same for the cells that are no keys. */
  String deleteCells() {
    return deletion(String.join(", ", columns.subList(keys, columns.size())) + " ");
  }

  private String deletion(String cells) {
    return "DELETE "
        + cells
        + "FROM "
        + table
        + " USING TIMESTAMP ? WHERE "
        + String.join(" = ? AND ", columns.subList(0, keys))
        + " = ?";
  }
}
