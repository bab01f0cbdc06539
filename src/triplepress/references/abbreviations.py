"""Words that periodicals are abbreviated by: a full stop after one of them ends no sentence."""

from __future__ import annotations

from typing import Final

# Abbreviated words of journal names as ISO 4 forms them (truncation), without their full stop, in lower case.
_WORDS: Final = frozenset(
    """
    abh abstr acad accid acoust acta actual adm adv aeronaut aerosp afr agric agron akad allerg alm am amer anaesth anal anat angew
    anim ann annu anthropol antimicrob antivir app appl aquac aquat arch archaeol artif arthritis arxiv asian assoc astron astrophys atl atmos aust
    austral automat azerb bacteriol behav beih beitr ber bibl bio biochem biochim bioeng bioenerg biogeogr biol biom biomed bioorg biophys biosci biosyst biotechnol
    bot br brain bras brit bull bur bus bras byull cad calcif can canc cancer carbohydr cardiol cardiovasc cas catal cell cent ceram cereb cer chem chim
    child chir chirurg chromatogr cienc ciênc circ civ cir clim climatol clin coll collect comb comm commun comp compar comput conf congr conserv constr contam contemp contr
    contrib control coord corp crim crit cryst crystallogr cult curr cytogenet cytol dent dep dept dermatol des deut dev develop diagn dig digit dis discov discuss dissert distrib div
    dokl drug dyn earth ecol econ econom ed educ eff elec electr electrochem electron embryol emerg encycl endocr endocrinol energ eng engin enferm engl enterol entomol environ enzym epidemiol
    equip ergon essent est estud ethnol etnogr eur europ evol exerc exp exper explor expo extr fac fam farm fed fert finan fis fish fisiol fiz fluid fluoresc fol food for forens
    found fr fract front funct fund fundam fys gastroenterol gaz gen genet genom geochem geochim geogr geol geom geomorphol geophys geosci ger geriatr gerontol ges gesch glob gos gov gynecol haematol hand handb harv
    health helv hematol hepatol herz hist histochem histol hochsch hortic hosp hum hydrobiol hydrol hyg ichthyol ieee imag immunol ind indian industr inf infect inflamm inform inorg ins inst instr instrum integr
    intell inter intern internat int interv invest investig ital izv jahrb jahresber jap japan jpn jur jpn kard khim kardiol kinet klin kniga kongr korean lab landsc lang laser lat leg lett libr limnol lingu linguist lip
    lit lond mach macromol magn mag manag manage manuf mar mat mater math mech med medizin mem ment metab metall metallurg meteorol meth methods mic microb microbiol microsc mil min miner mineral mitt mod mol monatsh monogr
    morphol mus nac nachr narod nat natl nation nauch nauk naturwiss naturf naut nav nederl neph nephrol netw neuro neurobiol neurol neuropsychol neurosci neurosurg nord norm norweg notes nov nucl numer nurs nutr obes obs obstet occup
    oceanogr oceanol odont odontol oncol ontog ophthalmol oper opt oral org organ organomet ornithol orthop otol otolaryngol oxid ozone paediatr pac paleontol pap parasitol part path pathol patol pediatr penn percept perf perform period perspect pesqui pestic petrol
    pharm pharmacol pharmacother philos phil photobiol photochem photogr phys physik physiol phytochem phytopathol plan plann plant plast pneumol pol polit polym popul pract prax prep prepr prev probl proc process prod prof prog
    progr propag prot protein prz psikhol psychiatr psychiatry psychol psychosom publ pulm qual quant quart quat quim quím radiat radiobiol radiol rass rech rec recl reg rehab rehabil relat relig rem ren rep repr reprod res resour respir resp rest
    rev rheol rheumatol riv robot ross roy roz rus russ sb scan scand sch schweiz sci scient sect sel semin sens ser serv sib sig sitzungsber skelet soc sociol soil sol solid sov spec spectrochim spectrom spectrosc sport sports st
    stat statist stem steroid stom strateg struct stud sul suppl surf surg surv survey symp synth syst tax techn technol tecnol teor terap theol theor ther thorac thromb thrombos tidskr tidsskr tijdschr top tox toxicol trans transf transfus transl transp
    transplant trav treat tribol trop trud tr tuberc tumor ultramicrosc ultrasound univ urban urol usp utilit uzb vak vac vasc verh verl vestn vestnik vet vib virol vis vitam vol vopr vyssh vys waste water wat wien wirtsch wiss wld wood world yb yearb
    zap zbl zeitschr zentralbl zh zhurn zoolog zool ztg zur
    акад астрон биол бюл вестн вопр гос геогр геол докл ж журн зап изв ин инст ист клин матем мед мин мол науч обл общ окр пед полит пр прикл пробл псих рос росс рус сб сер сиб сов соц тез теор техн тр уч ун физ филос физиол хим эк экон экол юрид энц
    st dr mr mrs prof vs fig eq no cf approx ca eds sp spp var subsp gen ex gr jr al i.e e.g u.s u.k p.a
    """.split()
)
# Whole words that stand without a full stop: if one ends a sentence, that sentence is over.
_WHOLE: Final = frozenset(
    "brain cancer cell child control food health methods notes plant protein soil tumor water waste world wood laser lip oral ultrasound part plan stem sport sports drug fish hand steroid ozone energy earth ins survey process test for est rest form mat min mar top solid fluid hum "
    "lang treat perform pap prep solid sol part robot digit metal term human labor organ progress integr industry performance".split()
)


def is_abbreviated(word: str) -> bool:
    """Tell whether a word before a full stop is an abbreviation in a periodical's name (capitalised, as printed there).

    Example:
        >>> is_abbreviated("Biol"), is_abbreviated("biol"), is_abbreviated("cells"), is_abbreviated("Cancer")
        (True, False, False, False)
    """
    if not word[:1].isupper():
        return False
    folded = word.lower()
    if folded in _WHOLE:
        return False
    if folded in _WORDS:
        return not (word.isupper() and len(word) > 1)
    tail = folded.rsplit(".", 1)[-1].rsplit("-", 1)[-1]  # "Bio-Med", "U.S"
    return tail != folded and (len(tail) == 1 or tail in _WORDS)
