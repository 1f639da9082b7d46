/* Written by scripts/polynomials; see num/math.h. */
#ifndef DESCENT_NUM_POLYNOMIALS_H
#define DESCENT_NUM_POLYNOMIALS_H

#include <stdint.h>

/* (exp(x) - 1 - x) / x^2 on [-0.34661, 0.34661] within 1.4e-18. */
static inline __attribute__((always_inline)) double math_poly_exp(double x)
{
    return 0x1.0000000000000p-1 +
           x * (0x1.5555555555557p-3 +
                x * (0x1.5555555555556p-5 +
                     x * (0x1.11111111100dcp-7 +
                          x * (0x1.6c16c16c162d4p-10 +
                               x * (0x1.a01a01abe7fe1p-13 +
                                    x * (0x1.a01a01a6d889cp-16 +
                                         x * (0x1.71de0231960ebp-19 +
                                              x * (0x1.27e4db646b17ep-22 +
                                                   x * (0x1.af4de97ca4194p-26 +
                                                        x * (0x1.1f730349868cep-29))))))))));
}

/* (exp(x) - 1 - x) / x^2 on [-0.34661, 0.34661] within 2.69e-11. */
static inline __attribute__((always_inline)) double math_poly_expf(double x)
{
    return 0x1.0000000000000p-1 +
           x * (0x1.55555567532adp-3 +
                x * (0x1.5555555c87148p-5 +
                     x * (0x1.1110c632a3088p-7 +
                          x * (0x1.6c16858b7acb9p-10 +
                               x * (0x1.a15179d80ae96p-13 + x * (0x1.a1132015ba37ep-16))))));
}

/* (2 atanh(s) / s - 2) / s^2 of x = s^2 on [1.0e-30, 0.029452] within 2.08e-18. */
static inline __attribute__((always_inline)) double math_poly_log(double x)
{
    return 0x1.5555555555555p-1 +
           x * (0x1.9999999999a38p-2 +
                x * (0x1.2492492476b73p-2 +
                     x * (0x1.c71c72017f306p-3 +
                          x * (0x1.745cf8f4a7ec6p-3 +
                               x * (0x1.3b1c38bb12df2p-3 +
                                    x * (0x1.0fbe3b6c6987dp-3 + x * (0x1.0c074d9f1dd73p-3)))))));
}

/* (2 atanh(s) / s - 2) / s^2 of x = s^2 on [1.0e-30, 0.029452] within 1.15e-9. */
static inline __attribute__((always_inline)) double math_poly_logf(double x)
{
    return 0x1.5555554badb2dp-1 +
           x * (0x1.9999eb7d752f0p-2 + x * (0x1.245c355ca2c01p-2 + x * (0x1.ddd1d8ed1a8e2p-3)));
}

/* atanh(s) / s - 1 - s^2 / 3 - s^4 / 5, over s^6, of x = s^2 on [1.0e-30, 0.029452] within
 * 8.61e-19. */
static inline __attribute__((always_inline)) double math_poly_log_tail(double x)
{
    return 0x1.2492492492492p-3 +
           x * (0x1.c71c71c71c823p-4 +
                x * (0x1.745d1745a3d28p-4 +
                     x * (0x1.3b13b16b64bf9p-4 +
                          x * (0x1.1110f7fabf7efp-4 +
                               x * (0x1.e1efff35845ebp-5 +
                                    x * (0x1.acf7ccca96ac0p-5 + x * (0x1.b2e5b8032f311p-5)))))));
}

/* (sin(y) / y - 1) / y^2 of x = y^2 on [1.0e-30, 0.61747] within 1.17e-20. */
static inline __attribute__((always_inline)) double math_poly_sin(double x)
{
    return -0x1.5555555555555p-3 +
           x * (0x1.1111111111110p-7 +
                x * (-0x1.a01a01a01992fp-13 +
                     x * (0x1.71de3a545f836p-19 +
                          x * (-0x1.ae645410e937bp-26 +
                               x * (0x1.61217d9252c03p-33 + x * (-0x1.ab16f5caa198ap-41))))));
}

/* (cos(y) - 1 + y^2 / 2) / y^4 of x = y^2 on [1.0e-30, 0.61747] within 6.49e-22. */
static inline __attribute__((always_inline)) double math_poly_cos(double x)
{
    return 0x1.5555555555555p-5 +
           x * (-0x1.6c16c16c16c16p-10 +
                x * (0x1.a01a01a019d06p-16 +
                     x * (-0x1.27e4fb77125c5p-22 +
                          x * (0x1.1eed8deac3dfep-29 +
                               x * (-0x1.9394b8bd50ae1p-37 + x * (0x1.ab779550c8d9bp-45))))));
}

/* erf(y) / y of x = y^2 / 8 - 1, y up to 4 on [-1.0, 1.0] within 9.98e-13. */
static inline __attribute__((always_inline)) double math_poly_erff(double x)
{
    return 0x1.6a040781a7a57p-2 +
           x * (-0x1.69a0ccda3fddcp-3 +
                x * (0x1.0dabaf0052545p-3 +
                     x * (-0x1.b92e95bdf6ef4p-4 +
                          x * (0x1.717efe43d8378p-4 +
                               x * (-0x1.3215d94772f8fp-4 +
                                    x * (0x1.ea97b97dcfa5fp-5 +
                                         x * (-0x1.76e853192f7d9p-5 +
                                              x * (0x1.0ed6e7dbd8678p-5 +
                                                   x * (-0x1.7036105d98834p-6 +
                                                        x * (0x1.d61512004ff62p-7 +
                                                             x * (-0x1.19f8295a7ffaap-7 +
                                                                  x * (0x1.3ecd837936f89p-8 +
                                                                       x * (-0x1.526260b83154ap-9 +
                                                                            x * (0x1.4d9014bdd4451p-10 +
                                                                                 x * (-0x1.3e0c75f8ad904p-11 +
                                                                                      x * (0x1.399c103d51c8dp-12 +
                                                                                           x * (-0x1.0654e39321f81p-13 +
                                                                                                x * (0x1.051075c9ab99ap-15 +
                                                                                                     x * (-0x1.bcf1ce0928958p-17 +
                                                                                                          x * (0x1.bc776ad31e4bep-17 +
                                                                                                               x * (-0x1.2bcaa50b10d86p-18)))))))))))))))))))));
}

static const double math_ln2 = 0x1.62e42fefa39efp-1, math_log2_e = 0x1.71547652b82fep+0;
static const double math_ln2_1 = 0x1.62e42fefa2000p-1;
static const double math_ln2_2 = 0x1.9ef35793c7673p-41;
static const double math_ln2_exact_1 = 0x1.62e42fefa2000p-1;
static const double math_ln2_exact_2 = 0x1.9ef35793c6000p-41;
static const double math_ln2_exact_3 = 0x1.673007e5ed5e8p-81;
static const double math_third_1 = 0x1.5555555555555p-2;
static const double math_third_2 = 0x1.5555555555555p-56;
static const double math_fifth_1 = 0x1.9999999999999p-3;
static const double math_fifth_2 = 0x1.3333333333333p-56;
static const double math_2_over_pi = 0x1.45f306dc9c883p-1;
static const double math_half_pi_1 = 0x1.921fb54400000p+0;
static const double math_half_pi_2 = 0x1.0b4611a600000p-34;
static const double math_half_pi_3 = 0x1.3198a2e000000p-69;
static const double math_half_pi_4 = 0x1.b839a252049c1p-104;
static const double math_pi_over_2_1 = 0x1.921fb54442d18p+0;
static const double math_pi_over_2_2 = 0x1.1a62633145c07p-54;
/* The first 1,344 bits of 2 / pi. */
static const uint64_t math_2_over_pi_words[21] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
    0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
    0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
    0xa9e391615ee61b08};

#endif
