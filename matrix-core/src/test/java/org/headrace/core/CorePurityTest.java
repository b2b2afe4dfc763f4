package org.headrace.core;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import org.junit.jupiter.api.Test;

/** The core is pure: what it gives depends on its arguments alone, in the same order always. */
class CorePurityTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.headrace.core");

  @Test
  void importsTheJdkAJsonParserAndConscryptOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "org.headrace.core..",
            "java..",
            "com.fasterxml.jackson..",
            "org.conscrypt..",
            "org.jspecify.annotations..")
        .check(CORE);
  }

  @Test
  void usesNoUnorderedCollections() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(HashMap.class, HashSet.class, Hashtable.class, IdentityHashMap.class)
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.util\\.concurrent\\.Concurrent.*")
        .check(CORE);
  }

  @Test
  void readsNoClockAndNoRandomness() {
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(nameMatching("java\\.time\\..*"))).and(target(nameMatching("now"))))
        .orShould()
        .callMethodWhere(
            target(owner(JavaClass.Predicates.type(System.class)))
                .and(target(nameMatching("currentTimeMillis|nanoTime|getenv|getProperty"))))
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.util\\.Random|java\\.util\\.UUID|java\\.util\\.random\\..*"
                + "|java\\.util\\.concurrent\\.ThreadLocalRandom|java\\.time\\.Clock")
        .check(CORE);
  }

  @Test
  void doesNoNetworkOrFileAccess() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net..", "java.nio.file..", "java.nio.channels..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.File.*|java\\.lang\\.Thread|java\\.util\\.Timer")
        .check(CORE);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("org.headrace.core.(*)..").should().beFreeOfCycles().check(CORE);
  }
}
