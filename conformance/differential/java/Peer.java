package org.headrace.differential;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Another implementation: a process that answers each line of its input with one of output. */
final class Peer implements AutoCloseable {
  private final Process process;
  private final OutputStream questions;
  private final BufferedReader answers;

  /** What the process says of itself first: name and version. */
  final String name;

  Peer(List<String> command) throws IOException {
    process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    questions = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8), 1 << 16);
    name = readLine();
  }

  void ask(byte[] question) throws IOException {
    questions.write(question);
    questions.write('\n');
    questions.flush();
  }

  Answer answer() throws IOException {
    return Answer.parse(readLine());
  }

  private String readLine() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("a peer ended: " + (name == null ? process.info() : name));
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    questions.close();
    process.destroy();
  }
}
