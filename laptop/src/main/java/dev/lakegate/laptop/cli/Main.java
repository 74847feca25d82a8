package dev.lakegate.laptop.cli;

public final class Main {
  public static void main(String[] a) {}
}
