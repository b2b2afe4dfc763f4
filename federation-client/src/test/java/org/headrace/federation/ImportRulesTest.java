package org.headrace.federation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** A library of its own: the core and a few others, and no container (design, modules). */
class ImportRulesTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.headrace.federation");

  @Test
  void importsTheCoreAndItsLibrariesOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.headrace.federation..",
            "org.headrace.core..",
            "java..",
            "javax.net.ssl..",
            "com.fasterxml.jackson..",
            "com.github.benmanes.caffeine..",
            "org.apache.hc..",
            "org.apache.commons.fileupload..",
            "org.xbill.DNS..",
            "org.jspecify.annotations..")
        .check(OURS);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("org.headrace.federation.(*)..").should().beFreeOfCycles().check(OURS);
  }

  @Test
  void looksUpNamesAndConnectsInOnePlace() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.headrace.federation.net..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.hc..", "javax.net.ssl..", "java.net.http..")
        .check(OURS);
  }
}
