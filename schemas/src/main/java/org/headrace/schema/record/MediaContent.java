package org.headrace.schema.record;

import org.jspecify.annotations.Nullable;

/**
 * What was uploaded; the bytes lie in the media store, by their hash.
 *
 * @param hash SHA-256 of the bytes, lower-case hexadecimal
 * @param size bytes
 * @param type the uploader's {@code Content-Type}
 * @param filename as the uploader gave it, if so
 */
public record MediaContent(String hash, long size, String type, @Nullable String filename) {}
